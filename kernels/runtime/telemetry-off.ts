import { disableTelemetry } from './telemetry.js';

disableTelemetry();
