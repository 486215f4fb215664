import { entry } from "./entry";
import { flag } from "./schema";

export const protectionKeys = {
  protect: entry({
    schema: flag,
    fallback: false,
    text: "Refuses to delete the load balancer, the bucket of its access logs and the image repository until it is `false` again. While it is `false`, deleting them deletes their content too.",
    example: { protect: true, domain: { name: "api.example.com", zone: "example.com" } },
  }),
};
