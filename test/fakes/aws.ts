import { rollsBack } from "./aws-ecs-refusals";
import { invoke } from "./aws-functions";
import { refuses } from "./aws-refusals";
import { autonamed, replacedBy } from "./aws-replacements";
import { realise } from "./aws-shapes";
import { serve } from "./provider";

serve("aws", { realise, refuses, rollsBack, replacedBy, autonamed, invoke });
