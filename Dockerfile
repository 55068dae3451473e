# Stage 1 builds wheels (some dependencies come as source only), stage 2 only installs them.
FROM python:3.12-slim AS wheels
WORKDIR /src
COPY setup.cfg setup.py pyproject.toml constraints.txt README.md LICENSE openapi.yaml ./
COPY diag diag
# --build-arg HOME_PAGE=https://… names the home page in the package.
ARG HOME_PAGE
RUN pip wheel --no-cache-dir --constraint constraints.txt --wheel-dir /wheels .

FROM python:3.12-slim
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-compile --find-links /wheels bitshares-diag \
    && useradd --system --uid 65532 --no-create-home diag
USER 65532
ENV HOME=/tmp PYTHONUNBUFFERED=1 DIAG_HOST=0.0.0.0 DIAG_PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
# Nothing is written outside /tmp: the root file system may be read-only (docs/operations.md).
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"DIAG_PORT\"]}/healthz', timeout=2)"]
CMD ["diag", "serve"]
