/**
 * Keeps onnxruntime 1.30 from sending usage data to its makers and from writing mat-debug-*.log and
 * .ses into the folder for temporary files; `ORT_DISABLE_TELEMETRY=0` leaves it on. The addon reads the
 * environment of the process when it is loaded, and a worker's is a copy that it does not see: whoever
 * starts a worker must call this first.
 */
export function disableTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
