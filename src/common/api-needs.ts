import { ApiExtension } from '@nestjs/swagger';

/** Where an operation of the API's description says who may ask. */
export const API_NEEDS = 'x-needs';

export interface ApiNeed {
  /** The least one that may. */
  role: string;
  /** What that role and those above it have. */
  permission?: string;
}

/** For the description alone; the guard that refuses reads metadata of its own. What stands at the route wins. */
export const ApiNeeds = (need: ApiNeed) => ApiExtension(API_NEEDS, need);
