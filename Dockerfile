# Two stages: the first compiles, the second holds what runs.
FROM node:20-bookworm-slim AS build
WORKDIR /app
# the prepare script compiles, so the sources must be there before npm ci
COPY . .
# the optional ffmpeg is left out, since the system brings one
RUN npm ci && npm prune --omit=dev --omit=optional

FROM node:20-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg tini \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production LINNET_HOST=0.0.0.0 LINNET_PORT=8080
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/models ./models
COPY --from=build --chown=root:root /app/src/server/page ./src/server/page
COPY --from=build --chown=root:root /app/tts/text/data ./tts/text/data
COPY --from=build --chown=root:root /app/bin ./bin
COPY --from=build --chown=root:root /app/dist ./dist
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LINNET_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# tini passes signals on and collects the encoders' processes
ENTRYPOINT ["tini", "--", "node", "bin/linnet.js"]
CMD ["serve"]
