import pytest

from evenhand.cli.audit import command

MINE = 'language = "en"\nreview = "nobody"\n[body]\ntall = {adj = "tall"}\nold = {adj = "old"}\n'
FAMILY = '[[family]]\nname = "plain"\nexpected = "allow"\ntemplates = ["{people} live here."]\n'
ACME = 'name = "acme"\nurl = "http://127.0.0.1:1/x"\nscore = "risk"\n[body]\ntext = "{text}"\n'


@pytest.fixture
def plan(run):
    return lambda *arguments: run(command, "plan", *arguments)


@pytest.mark.parametrize(
    "given",
    [("http://127.0.0.1:1",), ("local", "--dialect", "openai"), ("local", "--key-file", "key.txt")],
    ids=["no dialect", "dialect", "key"],
)
def test_options_of_addresses_go_with_addresses(plan, given):
    assert plan(*given).exit_code == 2


def test_families_of_a_user_take_the_place_of_the_shipped_ones(plan, tmp_path):
    (tmp_path / "mine.toml").write_text(MINE + FAMILY, encoding="utf-8")
    ended = plan("--families", str(tmp_path))
    assert "2 sentences, 1 counterfactual pairs" in ended.stdout


def test_a_key_is_read_from_its_file(plan, tmp_path):
    given = ("http://127.0.0.1:1", "--dialect", "openai", "--sentences", "5", "--key-file")
    assert plan(*given, str(tmp_path / "none")).exception.code == "file.unreadable"
    (tmp_path / "key.txt").write_text("secret", encoding="utf-8")
    ended = plan(*given, str(tmp_path / "key.txt"))
    assert ended.exit_code == 0
    assert "secret" not in ended.output


def test_a_described_service_a_policy_and_a_known_model_can_be_named(plan, tmp_path):
    pytest.importorskip("profanity_check")
    acme, policy = tmp_path / "acme.toml", tmp_path / "mine.yaml"
    acme.write_text(ACME, encoding="utf-8")
    policy.write_text("name: mine\nthresholds:\n  hate: {review: 0.5}\n", encoding="utf-8")
    for target, name in ((acme, "acme"), (policy, "evenhand (mine)"), ("alt-profanity-check", "alt-profanity-check")):
        ended = plan(str(target), "--sentences", "5")
        assert ended.stdout.startswith(f"{name}: 5 sentences"), ended.output


def test_a_limit_on_the_cost_needs_a_price(plan):
    assert plan("local", "--max-cost", "1").exception.code == "audit.price"


def test_texts_of_a_user_are_asked_about_as_well(plan, tmp_path):
    (tmp_path / "mine.txt").write_text("Good morning\nTea is ready\n", encoding="utf-8")
    given = ("--corpus", str(tmp_path / "mine.txt"), "--sentences", "1")
    assert "3 sentences, 0 counterfactual pairs" in plan("local", *given).stdout
