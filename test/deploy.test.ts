import { existsSync, readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { OPERATIONS } from '../src/server/openapi/operations.js';
import { resolveServerOptions } from '../src/server/options.js';
import { SETTING_NAMES, variableOf } from '../src/server/settings.js';
import { ToneEngine } from './helpers/fake-engine.js';
import { startTestServer } from './helpers/server.js';

type Probe = { httpGet: { path: string; port: string } };
type Container = {
  env: { name: string; value: string }[];
  ports: { name: string; containerPort: number }[];
  lifecycle: { preStop: { exec: { command: string[] } } };
  volumeMounts: { mountPath: string }[];
} & Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', Probe>;
type Deployment = {
  spec: { template: { spec: { terminationGracePeriodSeconds: number; containers: Container[] } } };
};
type Scaler = { spec: { metrics: { pods: { metric: { name: string } } }[] } };

const VARIABLES = SETTING_NAMES.map(variableOf);
const read = (path: string) => readFileSync(path, 'utf8');
const kinds = () =>
  Object.fromEntries(
    parseAllDocuments(read('deploy/kubernetes.yaml')).map((document) => {
      expect(document.errors).toEqual([]);
      const object = document.toJS() as { kind: string };
      return [object.kind, object];
    }),
  );

describe('deploy/kubernetes.yaml', () => {
  const spec = () => (kinds()['Deployment'] as unknown as Deployment).spec.template.spec;

  it('sets settings that exist, to values that are taken', () => {
    const { env, volumeMounts } = spec().containers[0]!;
    expect(env.map(({ name }) => name).filter((name) => !VARIABLES.includes(name))).toEqual([]);
    const [keys] = env.filter(({ name }) => name === 'LINNET_API_KEYS');
    expect(keys!.value.startsWith(`${volumeMounts[0]!.mountPath}/`)).toBe(true);
    // a key of the command line stands in for the file, which is a secret
    const rest = env.filter((variable) => variable !== keys);
    const variables = Object.fromEntries(rest.map(({ name, value }) => [name, value]));
    resolveServerOptions({ host: '0.0.0.0', apiKey: 'k' }, variables);
  });

  it('lets the server finish what is running', () => {
    const { terminationGracePeriodSeconds, containers } = spec();
    const { env, lifecycle } = containers[0]!;
    const [command, seconds] = lifecycle.preStop.exec.command;
    expect(command).toBe('sleep');
    const drainMs = Number(env.find(({ name }) => name === 'LINNET_DRAIN_TIMEOUT_MS')!.value);
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + drainMs / 1000);
  });

  it('asks routes that need no key', () => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = spec().containers[0]!;
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      expect(OPERATIONS.find(({ path }) => path === httpGet.path)?.isOpen).toBe(true);
      expect(ports.map(({ name }) => name)).toContain(httpGet.port);
    }
    expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual([
      '/healthz',
      '/readyz',
    ]);
  });

  it('scales by a metric that exists, as do those of docs/operating.md', async () => {
    const { metrics } = (kinds()['HorizontalPodAutoscaler'] as unknown as Scaler).spec;
    const documented = [...read('docs/operating.md').matchAll(/`(linnet_\w+)/g)];
    const server = await startTestServer(new ToneEngine());
    const text = await (await fetch(`${server.url}/metrics`)).text();
    await server.close();
    const known = [...text.matchAll(/^# TYPE (linnet_\w+)/gm)].map(([, name]) => name);
    expect(known).toContain(metrics[0]!.pods.metric.name);
    expect([...new Set(documented.map(([, name]) => name))].sort()).toEqual(known.sort());
  });
});

describe('compose.yaml', () => {
  it('sets settings that exist, and waits for the end of what is running', () => {
    type Service = { environment: Record<string, string>; stop_grace_period: string };
    const { linnet } = (parse(read('compose.yaml')) as { services: { linnet: Service } }).services;
    const { environment, stop_grace_period } = linnet;
    expect(VARIABLES).toEqual(expect.arrayContaining(Object.keys(environment)));
    const drainMs = Number(environment['LINNET_DRAIN_TIMEOUT_MS']);
    expect(parseInt(stop_grace_period)).toBeGreaterThan(drainMs / 1000);
  });
});

describe('Dockerfile', () => {
  it('copies what exists and what the package needs, and sets settings that exist', () => {
    const text = read('Dockerfile');
    const copied = [...text.matchAll(/^COPY --from=build .* \/app\/(\S+)/gm)].map(
      ([, path]) => path!,
    );
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const needed = files.filter((path) => !/^!|^dist\/|^docs$|^examples\//.test(path));
    expect(copied).toEqual(expect.arrayContaining([...needed, 'dist', 'package.json']));
    const variables = [...text.matchAll(/(LINNET_\w+)=/g)].map(([, name]) => name);
    expect(variables.length).toBeGreaterThan(2);
    expect(VARIABLES).toEqual(expect.arrayContaining(variables));
  });
});
