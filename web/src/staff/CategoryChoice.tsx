import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { categoriesQuery } from '../shop/queries';

interface Props {
  initial: readonly string[];
  error: string | undefined;
}

/** The choice of categories. A chosen category is listed even if it has no products now. */
export function CategoryChoice({ initial, error }: Props) {
  const id = useId();
  const { data: categories = [] } = useQuery(categoriesQuery);
  const all = [...initial, ...categories.filter((category) => !initial.includes(category))];
  return (
    <div className="choices" role="group" aria-label="Categories">
      {all.map((category) => (
        <label key={category} className="choice">
          <input
            type="checkbox"
            name="categories"
            value={category}
            defaultChecked={initial.includes(category)}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? id : undefined}
          />
          <bdi>{category}</bdi>
        </label>
      ))}
      {error && (
        <p id={id} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}
