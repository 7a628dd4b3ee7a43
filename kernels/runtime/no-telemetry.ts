/*
 * onnxruntime 1.30 sends usage data to its makers, and writes mat-debug-*.log and .ses into the folder
 * for temporary files, unless this is set. A worker's process.env is a copy that the addon does not see,
 * so whoever starts a worker must import this too.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
