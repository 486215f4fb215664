import { invoke } from "./aws-functions";
import { refuses, rollsBack } from "./aws-refusals";
import { autonamed, replacedBy } from "./aws-replacements";
import { realise } from "./aws-shapes";
import { serve } from "./provider";

serve("aws", { realise, refuses, rollsBack, replacedBy, autonamed, invoke });
