import { ConditionKey } from '../parts/condition-key';
import { Icon } from '../parts/icon';
import { useActions, useApp } from '../store-context';
import { conditionText } from './condition-text';
import { useLiveConditions } from './live-conditions';

/** One head a condition: letter, name and what makes it differ; press to edit. */
export function ConditionHeads({ onEdit }: { onEdit: (conditionId: string) => void }) {
  const document = useApp((state) => state.document);
  const live = useLiveConditions();
  const actions = useActions();
  return (
    <div className="heads">
      <span className="gutter" />
      {document.conditions.map((condition, index) => {
        const edit = conditionText(condition, document);
        return (
          <div key={condition.id} className={live.has(condition.id) ? 'head live' : 'head'}>
            <button type="button" className="head-button" onClick={() => onEdit(condition.id)}>
              <span className="head-line">
                <span className="visually-hidden">Edit condition </span>
                <ConditionKey index={index} live={live.has(condition.id)} />
                <span className="head-name">{condition.name}</span>
                <Icon name="edit" />
              </span>
              <span className="head-edit" title={edit}>
                {edit}
              </span>
            </button>
          </div>
        );
      })}
      <button
        type="button"
        className="add-condition"
        aria-label="Add a condition"
        title="Add a condition"
        onClick={() => actions.addCondition()}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}
