# syntax=docker/dockerfile:1

# One image with every service and worker in it: they are one workspace and share nearly all of their code, so they
# are built, scanned and rolled out as one. What a container runs is its command: `docker run orderflow order-service`.

ARG RUST=1.95
ARG DEBIAN=bookworm


# The workspace without its code: every manifest, and an empty program for each library, binary and build script.
# It changes only when a manifest does, so that the layer with the built dependencies outlives changes of code, and
# no crate has to be listed here.
FROM debian:${DEBIAN}-slim AS manifests
WORKDIR /all
COPY . .
RUN mkdir /manifests \
 && cp --parents Cargo.toml Cargo.lock */Cargo.toml /manifests \
 && echo 'fn main() {}' > /empty.rs \
 && find . \( -name main.rs -o -name lib.rs -o -name build.rs \) -exec install -m 644 -D /empty.rs '/manifests/{}' \;


FROM rust:${RUST}-slim-${DEBIAN} AS build
# The macros of sqlx read what they must know of the databases from each crate's `.sqlx`.
ENV SQLX_OFFLINE=true
# All that runs in production; devstack, bench and the tests run on developers' machines.
ENV BUILD="cargo build --release --locked --workspace --bins --exclude devstack --exclude bench --exclude system-tests"
WORKDIR /src

COPY --from=manifests /manifests .
RUN $BUILD

COPY . .
# The code is older than the empty programs built above; Cargo goes by the time of a file.
RUN find . -name '*.rs' -not -path './target/*' -exec touch '{}' + \
 && $BUILD \
 && find target/release -maxdepth 1 -type f -executable -exec install -Dt /programs '{}' +


FROM debian:${DEBIAN}-slim
# A new volume mounted here belongs to the user that the programs run as: the signing key and the simulator's ledger.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin orderflow \
 && install -d -o orderflow -m 700 /var/lib/orderflow
# An HTTPS client that finds no root certificates does not start.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /programs /usr/local/bin/

# By number, so that Kubernetes can see that it is not root.
USER 10001
# In a container of its own each program can have the same port.
ENV LISTEN=0.0.0.0:8080
EXPOSE 8080

# bash can speak TCP by itself, which saves a client in the image.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/8080 && \
    printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && \
    read -r _ status _ <&3 && \
    [ \"$status\" = 200 ]"]
