export { readVoices } from './voices.js';
