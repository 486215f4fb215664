import { randomUUID } from "node:crypto";
import type { Action } from "./proxy";

interface Query {
  readonly queryDefinitionId: string;
  readonly name: string;
  readonly queryString: string;
  readonly logGroupNames?: readonly string[];
}

/** The saved queries of CloudWatch Logs, which the emulator lacks. */
export function savedQueries(): Record<string, Action> {
  const queries = new Map<string, Query>();
  return {
    PutQueryDefinition: (asked: Query) => {
      const queryDefinitionId = asked.queryDefinitionId ?? randomUUID();
      queries.set(queryDefinitionId, { ...asked, queryDefinitionId });
      return { queryDefinitionId };
    },
    DescribeQueryDefinitions: () => ({ queryDefinitions: [...queries.values()] }),
    DeleteQueryDefinition: ({ queryDefinitionId }: Query) => ({ success: queries.delete(queryDefinitionId) }),
  };
}
