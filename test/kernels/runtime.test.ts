import { float32, GraphBuilder, Runtime, streamStates } from '../../kernels/index.js';

/** A running sum of two numbers a step: `y = state + x`, which is the next state too. */
function sumGraph(): GraphBuilder {
  const graph = new GraphBuilder('sum');
  const state = graph.state([2]);
  const y = graph.add(state, graph.input('x', 'float32', ['B', 2]));
  graph.output('y', y);
  graph.nextState(state, y);
  return graph;
}

const feed = (a: number, b: number) => ({ x: float32([1, 2], Float32Array.of(a, b)) });

describe('Runtime', () => {
  let runtime: Runtime;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 1 });
  });

  afterAll(() => runtime.close());

  const load = () => runtime.load('sum', sumGraph().build(), { stateNames: streamStates(1) });

  it('chooses a device that works', async () => {
    expect(runtime.device).toBe('cpu');
    const chosen = await Runtime.create();
    expect(['cpu', 'webgpu', 'cuda']).toContain(chosen.device);
    await chosen.close();
  });

  it('keeps the state of each stream', async () => {
    const session = await load();
    const [first, second] = [session.newState(), session.newState()];
    await session.runWithState(feed(1, 2), first);
    const outputs = await session.runWithState(feed(10, 20), first);
    expect(Object.keys(outputs)).toEqual(['y']);
    expect(outputs['y']).toEqual(float32([1, 2], Float32Array.of(11, 22)));
    expect((await session.runWithState(feed(5, 5), second))['y']!.data[0]).toBe(5);
    first.reset();
    expect((await session.runWithState(feed(7, 7), first))['y']!.data[0]).toBe(7);
    await session.close();
  });

  it('copies a state by snapshot and fork', async () => {
    const session = await load();
    const state = session.newState();
    await session.runWithState(feed(1, 2), state);
    const bytes = await state.snapshot();
    expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2]);
    const fork = await state.fork();
    await session.runWithState(feed(100, 100), fork);
    expect((await session.runWithState(feed(1, 1), state))['y']!.data[0]).toBe(2);
    state.restore(bytes);
    expect((await session.runWithState(feed(1, 1), state))['y']!.data[1]).toBe(3);
    let code: unknown;
    try {
      state.restore(bytes.subarray(1));
    } catch (error) {
      code = (error as { code?: unknown }).code;
    }
    expect(code).toBe('STATE_INVALID');
    await session.close();
  });

  it('makes states for a batch', async () => {
    const session = await load();
    const state = session.newState(3);
    const x = float32([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
    const { y } = await session.runWithState({ x }, state);
    expect(y!.shape).toEqual([3, 2]);
    await session.close();
  });

  it('runs several streams at once, each with its own state', async () => {
    const session = await load();
    const alone = [session.newState(), session.newState()];
    const together = [session.newState(), session.newState()];
    await session.runWithState(feed(5, 7), alone[0]!);
    await session.runWithState(feed(5, 7), together[0]!);
    const x = float32([2, 2], Float32Array.of(1, 2, 3, 4));
    const { y } = await session.runWithStates({ x }, together);
    const first = await session.runWithState(feed(1, 2), alone[0]!);
    const second = await session.runWithState(feed(3, 4), alone[1]!);
    expect([...y!.data]).toEqual([...first['y']!.data, ...second['y']!.data]);
    for (const [index, state] of together.entries()) {
      expect(await state.snapshot()).toEqual(await alone[index]!.snapshot());
    }
    await session.close();
  });

  it('leaves the states as they were when the outputs are refused', async () => {
    const session = await load();
    const states = [session.newState(), session.newState()];
    const before = await Promise.all(states.map((state) => state.snapshot()));
    const x = float32([2, 2], Float32Array.of(1, 2, 3, 4));
    const refuse = () => {
      throw new Error('refused');
    };
    await expect(session.runWithStates({ x }, states, refuse)).rejects.toThrow('refused');
    await expect(session.runWithStates(feed(1, 2), states.slice(1), refuse)).rejects.toThrow();
    expect(await Promise.all(states.map((state) => state.snapshot()))).toEqual(before);
    await session.close();
  });

  it('runs without a state block', async () => {
    const session = await load();
    const outputs = await session.run({ ...feed(1, 2), state_0: float32([1, 2]) });
    expect(Object.keys(outputs).sort()).toEqual(['next_state_0', 'y']);
    await session.close();
  });

  it('says when something was closed', async () => {
    const session = await load();
    const state = session.newState();
    state.close();
    state.close();
    const closedState = session.runWithState(feed(1, 1), state);
    await expect(closedState).rejects.toMatchObject({ code: 'STATE_INVALID' });
    const open = session.newState();
    await session.close();
    await session.close();
    const closedSession = session.runWithState(feed(1, 1), open);
    await expect(closedSession).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
  });

  it('refuses what is no model, or has no such state', async () => {
    const noModel = runtime.load('broken', Uint8Array.of(1, 2, 3));
    await expect(noModel).rejects.toMatchObject({ code: 'GRAPH_INVALID' });
    const noState = runtime.load('sum', sumGraph().build(), { stateNames: streamStates(2) });
    await expect(noState).rejects.toMatchObject({ code: 'GRAPH_INVALID' });
  });
});
