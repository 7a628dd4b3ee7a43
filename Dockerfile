# Two stages: the first compiles, the second holds what runs. docs/operating.md shows the commands.
# What runs needs glibc and apt; for a GPU, an image with the libraries of CUDA 12 and cuDNN 9.
ARG BASE=debian:bookworm-slim

FROM node:20-bookworm-slim AS build
# cpu, or cuda12 to bring onnxruntime's library for it
ARG DEVICE=cpu
WORKDIR /app
# the prepare script compiles, so the sources must be there before npm ci
COPY . .
# the optional ffmpeg is left out, since the system brings one
RUN npm ci && npm prune --omit=dev --omit=optional
RUN if [ "$DEVICE" != cpu ]; then \
  npm_config_onnxruntime_node_install="$DEVICE" node node_modules/onnxruntime-node/script/install.js; \
  fi

FROM ${BASE}
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg tini libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
# other machines can call it, so that it wants LINNET_API_KEY, LINNET_API_KEYS or LINNET_ALLOW_ANONYMOUS
ENV NODE_ENV=production LINNET_HOST=0.0.0.0 LINNET_PORT=8080 LINNET_DEVICE=auto
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/models ./models
COPY --from=build --chown=root:root /app/src/server/page ./src/server/page
COPY --from=build --chown=root:root /app/tts/text/data ./tts/text/data
COPY --from=build --chown=root:root /app/bin ./bin
COPY --from=build --chown=root:root /app/dist ./dist
# a number, as not every base has a name for it
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LINNET_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# tini passes signals on and collects the encoders' processes
ENTRYPOINT ["tini", "--", "node", "bin/linnet.js"]
CMD ["serve"]
