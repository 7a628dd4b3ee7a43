import { describeRange } from '../../base/numbers.js';
import {
  flagOf,
  SETTING_NAMES,
  SETTINGS,
  variableOf,
  type Setting,
} from '../../src/server/settings.js';

/** @returns The table of docs/configuration.md, as the table in code says. */
export function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const setting: Setting = SETTINGS[name];
    const flag = flagOf(name).replace(/<.*>/, (argument) => argument.slice(1, -1).toUpperCase());
    const field = name === 'config' ? '' : `\`${name}\``;
    const cells = [field, `\`${flag}\``, `\`${variableOf(name)}\``, valuesOf(setting)];
    return `| ${[...cells, defaultOf(setting), setting.description].join(' | ')} |`;
  });
  return [
    '| Field | Option | Environment | Value | Default | Meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function valuesOf(setting: Setting): string {
  switch (setting.type) {
    case 'text':
      return 'text';
    case 'number':
      return describeRange(setting.range);
    case 'choice':
      return setting.choices.join(', ');
    case 'list':
      return `at most ${setting.maxLength} texts`;
    case 'keys':
      return 'path, or list';
    case 'flag':
      return 'true or false';
  }
}

function defaultOf(setting: Setting): string {
  const value = setting.default ?? [];
  return Array.isArray(value) ? 'none' : String(value);
}
