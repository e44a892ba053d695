import { z } from 'zod';

/* The format that people's configuration files already have, snake_case throughout. */

const parameterMapping = z.strictObject({
  node_id: z.union([z.string(), z.number()]).transform(String),
  input_name: z.string().min(1),
  default_value: z.unknown().optional(),
  data_type: z.enum(['string', 'int', 'float', 'boolean', 'json']).default('string'),
  description: z.string().default(''),
});

export const WorkflowConfigSchema = z.strictObject({
  name: z.string().optional(),
  version: z
    .union([z.string(), z.number()])
    .transform((value) => String(value))
    .default('1.0'),
  workflow_file: z.string().min(1),
  description: z.string().default(''),
  parameter_mapping: z.record(z.string(), parameterMapping).default({}),
  allowed_frontend_params: z.array(z.string()).default([]),
});

export const TaskTypesSchema = z
  .partialRecord(
    z.enum(['text_to_image', 'image_to_video']),
    z.strictObject({
      name: z.string().optional(),
      description: z.string().optional(),
      workflows: z.record(z.string().min(1).max(100), WorkflowConfigSchema),
    }),
  )
  .default({});

export type WorkflowConfig = z.infer<typeof WorkflowConfigSchema>;
export type TaskTypes = z.infer<typeof TaskTypesSchema>;
