import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from './settings.schema.js';

/** The injection token under which the one Settings object is found. */
export const SETTINGS = Symbol('settings');

/** Hands the settings, read once before the application is made, to whoever asks for SETTINGS. */
@Global()
@Module({})
export class ConfigModule {
  static with(settings: Settings): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: SETTINGS, useValue: settings }], exports: [SETTINGS] };
  }
}
