/** Which CPUs the nodes of EKS have. `amx`: Intel's, which multiply matrices in bf16 and int8. */
export const nodeCpus = ["any", "amx"] as const;
export type NodeCpu = (typeof nodeCpus)[number];

/** EC2's families with AMX that have a price here: 4th generation Xeon, https://aws.amazon.com/ec2/instance-types/m7i/ */
export const amxFamilies = ["c7i", "m7i"] as const;
