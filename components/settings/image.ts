import { parseImage } from "../core/image-reference";
import type { Problem } from "../core/problems";
import { runsOnAws } from "../targets";
import { entry } from "./entry";
import type { Values } from "./keys";
import { whenValid } from "./rule";
import { text } from "./schema";

export const digestReference = /^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$/;

export const imageKeys = {
  image: entry({
    schema: text(
      '"build", or repository@sha256:<64 hex digits>: a tag can move, a digest cannot',
      (value) => value === "build" || digestReference.test(value),
    ),
    fallback: "build",
    text: "The container image. `build` builds `app/`; `repository@sha256:…` runs that image and builds nothing. The container must answer on port 8080; docs/bring-your-container.md has the contract.",
    example: { image: `ghcr.io/team/model@sha256:${"0".repeat(64)}` },
  }),
};

export const imageRules = [
  whenValid({
    key: "image",
    fact: "Without a NAT gateway (`network.nat: none`) replicas can only pull from ECR in the stack's region.",
    reads: ["target", "image", "variants", "network"],
    problems: pullProblems,
  }),
];

/** Without a NAT gateway the endpoints of the VPC reach ECR of their own region and no other registry. */
function pullProblems(
  { target, image, variants, network }: Pick<Values, "target" | "image" | "variants" | "network">,
  region: string,
): Problem[] {
  if (!runsOnAws(target) || "vpcId" in network || network.nat !== "none") return [];
  const named = Object.entries(variants).map(([name, variant]) => [`variants.${name}.image`, variant.image] as const);
  const unreachable = [["image", image] as const, ...named].filter(
    ([, value]) => value !== undefined && value !== "build" && parseImage(value).ecr?.region !== region,
  );
  const expected = `an image in ECR of ${region}, or network.nat one or perZone: without a NAT gateway no other registry is reached`;
  return unreachable.map(([key, value]) => ({ key, value, expected }));
}
