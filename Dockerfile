# Build: docker build -t evenhand .    Run: see compose.yaml
FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY requirements requirements
COPY src src
RUN python -m venv /opt/evenhand \
 && /opt/evenhand/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock \
 && /opt/evenhand/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /data evenhand
COPY --from=build /opt/evenhand /opt/evenhand
USER evenhand
WORKDIR /data
ENV PATH=/opt/evenhand/bin:$PATH \
    EVENHAND_DATA_FOLDER=/data \
    EVENHAND_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["evenhand", "serve"]
