# One image for every process of the product; docker-compose.yml says which runs where.

FROM python:3.11-slim AS build

ARG UV_VERSION=0.13.9
RUN pip install --no-cache-dir --disable-pip-version-check "uv==$UV_VERSION"
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never

WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-cache

COPY manage.py ./
COPY chatwork_admin chatwork_admin
COPY saml_sso saml_sso
COPY scim scim
COPY templates templates
COPY static static
COPY locale locale
# Collecting needs settings, but neither a database nor a secret: these are not used.
RUN SECRET_KEY=unused TOKEN_PEPPER=unused ENCRYPTION_KEYS=unused DATABASE_URL=postgresql:///unused \
    BASE_URL=https://unused.invalid ALLOWED_HOSTS=unused.invalid \
    SAML_SP_KEY=unused SAML_SP_CERTIFICATE=unused \
    EMAIL_URL=smtp://unused.invalid \
    .venv/bin/python manage.py collectstatic --no-input \
    && .venv/bin/python -m compileall -q chatwork_admin saml_sso scim


FROM python:3.11-slim

# The user needs a name: Celery warns about one without.
RUN groupadd --gid 10001 chatwork \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin chatwork
WORKDIR /app
# Owned by root, readable by all: the product cannot change its own code.
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM

# ALLOWED_HOSTS must name 127.0.0.1, for this check comes from inside.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

CMD ["python", "-m", "chatwork_admin.web", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
