import { replacedBy } from "../../tools/plan-diff/replacing-inputs";
import { rollsBack } from "./aws-ecs-refusals";
import { invoke } from "./aws-functions";
import { autonamed } from "./aws-names";
import { refuses } from "./aws-refusals";
import { realise } from "./aws-shapes";
import { serve } from "./provider";

serve("aws", { realise, refuses, rollsBack, replacedBy, autonamed, invoke });
