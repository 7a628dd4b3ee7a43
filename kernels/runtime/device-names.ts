/** Where networks may be asked to run; `auto` takes a GPU only if a trial run on it works. */
export type DeviceName = 'auto' | 'cpu' | 'webgpu' | 'cuda';

/** Where networks run. */
export type Device = Exclude<DeviceName, 'auto'>;

/** Arithmetic of the networks that speech is made of. */
export type Precision = 'float32' | 'quantized';
