# syntax=docker/dockerfile:1

# One image contains every service and worker, because they share one workspace and nearly all of their code. The
# command selects the program: `docker run orderflow order-service`.

ARG RUST=1.95
ARG DEBIAN=bookworm


# The workspace without its code: every manifest, and an empty source for each library, binary and build script.
# It changes only if a manifest changes. The layer with the built dependencies therefore stays valid when code changes,
# and no crate is listed here.
FROM debian:${DEBIAN}-slim AS manifests
WORKDIR /all
COPY . .
RUN mkdir /manifests \
 && cp --parents Cargo.toml Cargo.lock */Cargo.toml */*/Cargo.toml /manifests \
 && echo 'fn main() {}' > /empty.rs \
 && find . \( -name main.rs -o -name lib.rs -o -name build.rs \) -exec install -m 644 -D /empty.rs '/manifests/{}' \;


FROM rust:${RUST}-slim-${DEBIAN} AS build
# sqlx's macros check queries against the offline data in each crate's `.sqlx`.
ENV SQLX_OFFLINE=true
# devstack, bench and the tests run on developers' machines only.
ENV BUILD="cargo build --release --locked --workspace --bins --exclude devstack --exclude bench --exclude system-tests"
WORKDIR /src

COPY --from=manifests /manifests .
RUN $BUILD

COPY . .
# The copied code is older than the empty programs built above. Cargo compares file times, so touch the code.
RUN find . -name '*.rs' -not -path './target/*' -exec touch '{}' + \
 && $BUILD \
 && find target/release -maxdepth 1 -type f -executable -exec install -Dt /programs '{}' +


FROM debian:${DEBIAN}-slim
# A new volume mounted here gets this owner. It holds the signing key or the simulator's ledger.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin orderflow \
 && install -d -o orderflow -m 700 /var/lib/orderflow
# HTTPS clients do not start without root certificates.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /programs /usr/local/bin/

# A number, so that Kubernetes can verify that it is not root.
USER 10001
# Each program has its own container, so all can use the same port.
ENV LISTEN=0.0.0.0:8080
EXPOSE 8080

# bash opens the TCP connection, so the image needs no HTTP client.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/8080 && \
    printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && \
    read -r _ status _ <&3 && \
    [ \"$status\" = 200 ]"]
