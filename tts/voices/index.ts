export { findVoiceRow, readVoices } from './voices.js';
