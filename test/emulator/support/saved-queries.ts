import { randomUUID } from "node:crypto";
import type { Action } from "./proxy";

interface SavedQuery {
  readonly queryDefinitionId: string;
  readonly name: string;
  readonly queryString: string;
  readonly logGroupNames?: readonly string[];
}

/** Saved queries of CloudWatch Logs, which the emulator does not implement. */
export function savedQueries(): Record<string, Action> {
  const queries = new Map<string, SavedQuery>();
  return {
    PutQueryDefinition: (request: SavedQuery) => {
      const queryDefinitionId = request.queryDefinitionId ?? randomUUID();
      queries.set(queryDefinitionId, { ...request, queryDefinitionId });
      return { queryDefinitionId };
    },
    DescribeQueryDefinitions: () => ({ queryDefinitions: [...queries.values()] }),
    DeleteQueryDefinition: ({ queryDefinitionId }: SavedQuery) => ({ success: queries.delete(queryDefinitionId) }),
  };
}
