# Stage 1 builds wheels of what the lock files name, hashes checked; stage 2 installs them and nothing else.
# Pin the base by its digest: --build-arg BASE=python:3.12-slim@sha256:… (docs/operations.md says how to get it).
ARG BASE=docker.io/library/python:3.12-slim
FROM ${BASE} AS wheels
WORKDIR /src
COPY requirements-cases.txt requirements-build.txt ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements-build.txt \
    && pip wheel --no-cache-dir --require-hashes --no-deps --no-build-isolation --wheel-dir /wheels -r requirements-cases.txt
COPY setup.cfg setup.py pyproject.toml README.md LICENSE openapi.yaml ./
COPY diag diag
# --build-arg HOME_PAGE=https://… names the home page in the package.
ARG HOME_PAGE
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM ${BASE}
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps /wheels/*.whl \
    && useradd --system --uid 65532 --no-create-home diag
USER 65532
ENV HOME=/tmp PYTHONUNBUFFERED=1 DIAG_HOST=0.0.0.0 DIAG_PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
# Nothing is written outside /tmp: the root file system may be read-only (docs/operations.md).
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"DIAG_PORT\"]}/healthz', timeout=2)"]
CMD ["diag", "serve"]
