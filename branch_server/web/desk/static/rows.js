// Lists that change under the eye: a row stays the same element while its thing is there, so focus and hover stay.

/** Makes the children of `box` those of `items`: `key(item)` names a row, `make(item)` draws it. A row is drawn anew only
 *  where `mark(item)`, by default all of the item, has changed. */
export function fill(box, items, key, make, mark = JSON.stringify) {
  const known = new Map([...box.children].map((row) => [row.dataset.key, row]));
  let place = box.firstElementChild;
  for (const item of items) {
    const name = String(key(item)), now = mark(item);
    const old = known.get(name);
    known.delete(name);
    const row = old?.dataset.mark === now ? old : renewed(old, make(item), name, now);
    if (place && place === old) place = row;
    if (row === place) place = place.nextElementSibling;
    else box.insertBefore(row, place);
  }
  for (const gone of known.values()) gone.remove();
}

function renewed(old, row, name, now) {
  row.dataset.key = name;
  row.dataset.mark = now;
  if (!old) return row;
  // The same thing looks otherwise now: what had the focus in it keeps it.
  const at = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
  old.replaceWith(row);
  if (at >= 0) row.querySelectorAll("button, a")[at]?.focus();
  return row;
}
