/**
 * For `UPDATE wanted w … FROM ${placed(…)} WHERE w.ctid = mark.place`: parameters as rows named `mark`, each beside the
 * place of its row of destination `$1`, found by kind and key. A row that is written between the look and the update is
 * missed, unless a statement before has locked it. A plain join by key is planned over all rows of the destination
 * while the table is new.
 */
export const placed = (columns: string, arrays: string): string =>
  `(SELECT mark.*, row.place FROM unnest(${arrays}) AS mark (${columns}) CROSS JOIN LATERAL (
      SELECT x.ctid AS place FROM wanted x WHERE x.destination_id = $1 AND x.kind = mark.kind AND x.key = mark.key OFFSET 0) AS row) AS mark`;
