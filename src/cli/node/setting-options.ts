import type { Command } from 'commander';
import { SETTING_NAMES, SETTINGS, variableOf } from './settings.ts';

/** Adds the option of every setting to a command. */
export function addSettings(command: Command): Command {
  for (const name of SETTING_NAMES) {
    const { flag, about } = SETTINGS[name];
    command.option(flag, `${about} (${variableOf(name)})`);
  }
  return command;
}
