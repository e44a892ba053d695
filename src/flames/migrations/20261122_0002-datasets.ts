import { createTable, type Migration } from '../../database/index.js';

export const datasets: Migration = {
  version: '20261122_0002',
  name: 'datasets',
  description: 'Creates flames_datasets, flames_items, flames_spool, flames_results.',
  steps: () => [flamesDatasets, flamesItems, flamesSpool, flamesResults],
};

const flamesDatasets = createTable(
  'flames_datasets',
  `
  id int NOT NULL AUTO_INCREMENT,
  name varchar(200) NOT NULL,
  revision varchar(64),
  item_count int,
  content_hash char(64),
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_flames_datasets_name (name)`,
);

const flamesItems = createTable(
  'flames_items',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  dataset_id int NOT NULL,
  item_key varchar(128) NOT NULL,
  dimension varchar(64) NOT NULL,
  subcomponent varchar(128),
  prompt text NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_flames_items_dataset_id_item_key (dataset_id, item_key),
  CONSTRAINT fk_flames_items_dataset_id FOREIGN KEY (dataset_id) REFERENCES flames_datasets (id) ON DELETE CASCADE ON UPDATE NO ACTION`,
);

const flamesSpool = createTable(
  'flames_spool',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  task_id varchar(64) NOT NULL,
  payload json NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  drained_at datetime(3) NULL,
  PRIMARY KEY (id),
  KEY ix_flames_spool_drained_at_id (drained_at, id),
  KEY ix_flames_spool_task_id (task_id)`,
);

const flamesResults = createTable(
  'flames_results',
  `
  task_id varchar(64) NOT NULL,
  metrics json,
  scorer varchar(100),
  revision varchar(100),
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (task_id)`,
);
