import {
  FLAMES_ITEM_STATUSES,
  FLAMES_TASK_STATUSES,
  isOver,
  itemStatusesBefore,
  taskStatusesBefore,
} from './task-state.js';

describe('the states of evaluations', () => {
  it('I3 lets nothing leave an end, and nothing come back to the beginning', () => {
    for (const next of FLAMES_TASK_STATUSES) expect(taskStatusesBefore(next).some(isOver)).toBe(false);
    for (const next of FLAMES_ITEM_STATUSES) {
      expect(itemStatusesBefore(next)).not.toEqual(expect.arrayContaining(['scored']));
      expect(itemStatusesBefore(next)).not.toEqual(expect.arrayContaining(['error']));
    }
    expect([taskStatusesBefore('pending'), itemStatusesBefore('pending')]).toEqual([[], []]);
  });

  it('lets only what runs be completed, and only what was answered be scored', () => {
    expect(taskStatusesBefore('completed')).toEqual(['running']);
    expect(taskStatusesBefore('cancelled')).toEqual(['pending', 'running']);
    expect(itemStatusesBefore('scored')).toEqual(['answered']);
    expect(itemStatusesBefore('error')).toEqual(['pending', 'answered']);
  });

  it('counts words of old installations as over', () => {
    expect([null, 'done', 'completed', 'pending', 'running'].map(isOver)).toEqual([true, true, true, false, false]);
  });
});
