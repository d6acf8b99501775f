# A Tidemill scheduler or worker with the DAGs of this repository.

FROM node:24.19.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/dag-core/package.json packages/dag-core/
COPY packages/tasks/package.json packages/tasks/
COPY packages/local/package.json packages/local/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY packages packages
RUN node scripts/build.mjs

# What the engine, its operators and the DAGs need, at the versions of the lock file. The local stack stays out: it brings
# servers of its own, and "npm ci" cannot leave out a workspace that the lock file has.
FROM node:24.19.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY --from=build /app/packages/dag-core packages/dag-core
COPY --from=build /app/packages/tasks packages/tasks
RUN rm -rf packages/*/node_modules \
  && npm pkg delete dependencies.@tidemill/local \
  && npm install --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.19.0-bookworm-slim
ENV NODE_ENV=production PATH=/app/node_modules/.bin:$PATH
WORKDIR /app
COPY --from=dependencies /app ./
COPY dags dags
COPY sql sql
USER node
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 CMD ["tidemill", "health"]
ENTRYPOINT ["tidemill"]
CMD ["scheduler"]
