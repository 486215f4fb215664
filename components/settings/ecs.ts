import { entry } from "./entry";
import { object, optional, text } from "./schema";

export const ecsKeys = {
  ecs: entry({
    schema: object({
      cluster: optional(
        text("the name of an ECS cluster, of at most 255 letters, digits, - and _", (value) =>
          /^[0-9A-Za-z_-]{1,255}$/.test(value),
        ),
      ),
    }),
    text: "An existing ECS `cluster`, by its name, in place of a new one. It stays as it is, also when the stack is destroyed. It needs the capacity provider FARGATE, and FARGATE_SPOT for tasks on Spot. Its owner decides on Container Insights. A change moves the service to the other cluster without losing requests.",
    example: { ecs: { cluster: "models" } },
  }),
};
