import { invoke } from "./aws-functions";
import { refuses } from "./aws-refusals";
import { autonamed, replacedBy } from "./aws-replacements";
import { realise } from "./aws-shapes";
import { serve } from "./provider";

serve("aws", { realise, refuses, replacedBy, autonamed, invoke });
