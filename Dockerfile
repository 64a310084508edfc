# The image of Stowage, with the paths of the reference registry's images: /etc/distribution/config.yml (also found as
# /etc/docker/registry/config.yml), /var/lib/registry, port 5000. `docker build --tag stowage .` builds it, for the
# platform that it runs on. docs/operations.md says how to run it.

# What it is built with: Node 20.19 or newer in /usr/local/bin, and npm.
ARG NODE=node:24-bookworm-slim
# What it runs on: a shell and the libraries of that Node, which need not be there itself.
ARG BASE=debian:bookworm-slim

FROM ${NODE} AS build
# Where packages come from, if not from npm's own registry.
ARG NPM_CONFIG_REGISTRY
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/bundle.mjs scripts/code-cache.cjs scripts/launcher.cjs scripts/
COPY src src/
# SQLite comes with its source and with binaries for systems that this is not.
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit \
 && cd node_modules/@photostructure/sqlite \
 && rm -rf src prebuilds/darwin-* prebuilds/win32-*

FROM ${BASE}
COPY --from=build /usr/local/bin/node /usr/local/bin/
COPY --from=build /build/node_modules /opt/stowage/node_modules/
COPY --from=build /build/dist /opt/stowage/dist/
COPY LICENSE package.json deploy/docker/healthcheck.mjs /opt/stowage/
COPY deploy/docker/config.yml /etc/distribution/
COPY deploy/docker/entrypoint.sh /
# A new volume gets its owner from the folder here. What is mounted over the other path of the configuration, a file or
# its folder, lands behind the link.
RUN ln -s /opt/stowage/dist/main.js /usr/local/bin/stowage \
 && ln -s stowage /usr/local/bin/registry \
 && mkdir -p /etc/docker /var/lib/registry \
 && ln -s ../distribution /etc/docker/registry \
 && echo 'stowage:x:65532:65532::/nonexistent:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'stowage:x:65532:' >> /etc/group \
 && chown 65532:65532 /var/lib/registry

# A number, so that Kubernetes sees that it is not root.
USER 65532:65532
# For `docker exec`: commands find the configuration without naming it.
ENV REGISTRY_CONFIGURATION_PATH=/etc/distribution/config.yml
VOLUME /var/lib/registry
EXPOSE 5000
STOPSIGNAL SIGTERM
# A large folder of another registry is taken over before the first answer.
HEALTHCHECK --interval=30s --timeout=10s --start-period=10m CMD ["node", "/opt/stowage/healthcheck.mjs"]
ENTRYPOINT ["/entrypoint.sh"]
CMD ["serve", "/etc/distribution/config.yml"]
LABEL org.opencontainers.image.title="Stowage" \
      org.opencontainers.image.description="A self-hosted container registry" \
      org.opencontainers.image.licenses="Apache-2.0"
