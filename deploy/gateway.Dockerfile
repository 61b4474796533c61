# syntax=docker/dockerfile:1

# The gateway, with the web client that it serves. This is a separate image, because it has other sources and tools than
# the programs.

FROM node:24-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web .
RUN npm run build


FROM caddy:2
COPY deploy/Caddyfile /etc/caddy/Caddyfile
COPY docs /docs
COPY --from=web /web/dist /srv
# Other containers cannot reach this container's loopback network.
ENV WEB_ROOT=/srv \
    DOCS_ROOT=/docs \
    BIND_ADDRESS=0.0.0.0
EXPOSE 8080
