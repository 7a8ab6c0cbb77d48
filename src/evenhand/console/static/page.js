// The home page's own script: takes the key out of the address, sends the form on Ctrl+Enter, takes dropped files, draws
// pictures and plays a clip blurred, and says the outcome to screen readers. The page works without it.
"use strict";

const form = document.getElementById("try");
const outcome = document.getElementById("outcome");
const announcement = document.getElementById("announcement");

// The clip that was sent last, and the address under which the browser plays it.
let clip = null;
let clipAddress = "";

// What stands after # never reaches a server; it must not stay in the address bar or the history either.
function takeKeyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return;
  history.replaceState(null, "", location.pathname);
  form.elements.key.value = key;
  form.elements.text.focus();
}

// A job that is asked for again and again is told once.
function announce() {
  const line = outcome.querySelector("[data-announce]");
  if (!line || line.textContent === announcement.textContent) return;
  announcement.textContent = line.textContent;
  line.scrollIntoView({ block: "nearest" });
}

function show(name) {
  outcome.replaceChildren(document.getElementById(name).content.cloneNode(true));
  announce();
}

// A job goes on whether or not the server answers, so its form stays, and asks again.
function showTrouble(event) {
  const source = event.detail.ctx?.sourceElement ?? form;
  if (source === form) show("trouble");
  else source.querySelector("[data-silence]").hidden = false;
}

takeKeyFromAddress();
addEventListener("hashchange", takeKeyFromAddress);
document.getElementById("shortcut").hidden = false;

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

// Some systems know no type for some containers, so the ending of the name counts too.
function isClip(file) {
  return /^(video|audio)\//.test(file.type) || /\.(mp4|mov|mkv|webm|avi|mpe?g|ogg|wav|mp3|flac|aac)$/i.test(file.name);
}

function takeFiles(files) {
  const [images, clips] = [new DataTransfer(), new DataTransfer()];
  for (const file of files) {
    if (!form.elements.clip || !isClip(file)) images.items.add(file);
    else if (!clips.items.length) clips.items.add(file);
  }
  form.elements.images.files = images.files;
  if (form.elements.clip) form.elements.clip.files = clips.files;
}

for (const name of ["dragover", "drop"]) {
  form.addEventListener(name, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") takeFiles(event.dataTransfer.files);
  });
}

// The picture is drawn from the browser's own file: the server does not send it back.
async function draw(figure) {
  const number = Number(figure.dataset.picture);
  const canvas = figure.querySelector("canvas");
  const button = figure.querySelector("button");
  try {
    const bitmap = await createImageBitmap(form.elements.images.files[number - 1]);
    const scale = Math.min(1, 900 / bitmap.width);
    canvas.width = Math.max(1, bitmap.width * scale);
    canvas.height = Math.max(1, bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  } catch {
    figure.querySelector("figcaption").append(" This browser cannot draw it.");
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    const isBlurred = figure.classList.toggle("blurred");
    button.setAttribute("aria-pressed", String(!isBlurred));
    canvas.setAttribute("aria-label", `Image ${number}${isBlurred ? ", blurred" : ""}`);
  });
}

// The clip is played from the browser's own file too: without sound and blurred, or not at all, until somebody asks.
function play(figure) {
  if (!clip) return;
  clipAddress = URL.createObjectURL(clip);
  const player = document.createElement(figure.dataset.clip);
  player.preload = "auto";
  player.muted = true;
  player.playsInline = true;
  player.disablePictureInPicture = true; // it would show the clip without the blur
  player.addEventListener("loadeddata", () => offer(figure, player), { once: true });
  player.addEventListener("error", () => withdraw(figure, player), { once: true });
  player.src = clipAddress;
}

function withdraw(figure, player) {
  player.remove();
  figure.classList.remove("playable");
  for (const part of figure.querySelectorAll(".frame, .acts")) part.hidden = true;
  figure.querySelector("figcaption").append(" This browser cannot play it.");
}

function offer(figure, player) {
  const isVideo = figure.dataset.clip === "video";
  if (isVideo && !player.videoWidth) return withdraw(figure, player);
  const [frame, acts] = [figure.querySelector(".frame"), figure.querySelector(".acts")];
  const [showing, playing] = acts.querySelectorAll("button");
  const name = () => player.setAttribute("aria-label", `Clip${figure.classList.contains("blurred") ? ", blurred" : ""}`);
  name();
  frame.replaceChildren(player);
  frame.hidden = playing.hidden = !isVideo;
  acts.hidden = false;
  figure.classList.add("playable");

  showing.addEventListener("click", () => {
    const isBlurred = figure.classList.toggle("blurred");
    showing.setAttribute("aria-pressed", String(!isBlurred));
    player.controls = !isBlurred;
    player.muted = isVideo || isBlurred;
    playing.hidden = !isBlurred || !isVideo;
    if (!isVideo) frame.hidden = isBlurred;
    if (!isVideo) player.pause();
    name();
  });
  playing.addEventListener("click", () => (player.paused ? player.play().catch(() => {}) : player.pause()));
  for (const event of ["play", "pause"]) {
    player.addEventListener(event, () => (playing.textContent = player.paused ? "Play" : "Pause"));
  }
  player.addEventListener("timeupdate", () => {
    const place = `${(100 * player.currentTime) / (player.duration || Infinity)}%`;
    for (const line of figure.querySelectorAll(".now")) {
      line.setAttribute("x1", place);
      line.setAttribute("x2", place);
    }
  });

  const section = figure.closest("section");
  for (const time of section.querySelectorAll("span[data-seek]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "time";
    button.dataset.seek = time.dataset.seek;
    button.textContent = time.textContent;
    time.replaceWith(button);
  }
  section.addEventListener("click", (event) => {
    const place = event.target.closest("[data-seek]");
    if (place) player.currentTime = Number(place.dataset.seek);
  });
}

// What was sent before is not played any more.
function forget() {
  URL.revokeObjectURL(clipAddress);
  clipAddress = "";
  clip = form.elements.clip?.files[0] ?? null;
  announcement.textContent = "";
}

document.addEventListener("htmx:config:request", (event) => {
  // A clip takes as long as it takes; the server has a limit of its own.
  if (event.target === form && form.elements.clip?.files.length) event.detail.ctx.request.timeout = 0;
});
document.addEventListener("htmx:before:request", (event) => {
  if (event.target !== form) return;
  forget();
  if (clip) show("sending");
});
// An answer that is no page, such as a proxy's error, is not shown as one.
document.addEventListener("htmx:before:response", (event) => {
  const type = event.detail.ctx.response.headers.get("content-type") ?? "";
  if (type.startsWith("text/html")) return;
  event.preventDefault();
  showTrouble(event);
});
document.addEventListener("htmx:error", showTrouble);
document.addEventListener("htmx:after:swap", () => {
  announce();
  outcome.querySelectorAll("[data-picture]").forEach(draw);
  outcome.querySelectorAll("[data-clip]").forEach(play);
});
