import { describeBills, type Lines, none } from "../../support/expected-bills";

const shared: Lines = {
  Alarms: [1.3, 1.3, 1.3], // 7 of one metric and 3 of two: 13 × 0.10
  "Composite alarms": [1, 1, 1], // 2 × 0.50
  Dashboard: [3, 3, 3], // 1 × 3.00
  "NAT gateways": [32.85, 35.04, 43.07], // 1 × 730 × 0.045, 0.048, 0.059
  "Addresses of NAT gateways": [3.65, 3.65, 3.65], // 1 × 730 × 0.005
  "Load balancer": [16.43, 18.4, 18.4], // 730 × 0.0225, 0.0252, 0.0252
  "Addresses of the load balancer": [7.3, 7.3, 7.3], // 2 × 730 × 0.005
  "Image in the repository": [0.04, 0.04, 0.04], // 0.35 × 0.10
};

const idle = { replicas: 1, requestsPerSecond: 0 };

// 3 × 0.5 × 7.7 × 70 %: what three replicas carry before scaling adds another.
const expected = { replicas: 3, requestsPerSecond: 8.085 };

/** What requests cost the load balancer. */
const requests: Lines = {
  "Load balancer, capacity": [19.23, 19.23, 19.23], // 8.085 × 3600 × (112,525 + 633) bytes = 3.29358 GB an hour, × 730 × 0.008
  "Responses to the internet": [1.21, 1.21, 1.61], // 21.24738 million × 633 bytes = 13.4496 GB × 0.09, 0.09, 0.12
};

/** What they cost where they are answered. */
const logs: Lines = {
  "Logs, ingestion": [2.7, 3.08, 3.78], // 21.24738 million × 254 bytes = 5.39683 GB × 0.50, 0.57, 0.70
  "Logs, kept": [0.04, 0.04, 0.04], // 5.39683 × 7 / 30 × 0.03
  "Logs through NAT": [0.24, 0.26, 0.32], // 5.39683 × 0.045, 0.048, 0.059
};

const idleTasks: Lines = {
  "Alarms of scaling": [0.2, 0.2, 0.2], // 1 policy × 2 × 0.10
  "Fargate, vCPU": [14.78, 14.78, 18.45], // 1 × 0.5 × 730 × 0.04048, 0.04048, 0.05056
  "Fargate, memory": [3.24, 3.24, 4.04], // 1 × 1 × 730 × 0.004445, 0.004445, 0.00553
  "Container Insights": [8.89, 8.89, 8.89], // 26 of the cluster + 53 of the service + 1 × 48 = 127 metrics × 0.07
};

const expectedTasks: Lines = {
  "Alarms of scaling": [0.2, 0.2, 0.2], // 1 policy × 2 × 0.10
  "Fargate, vCPU": [14.78, 14.78, 18.45], // 1 × 0.5 × 730 × 0.04048, 0.04048, 0.05056
  "Fargate, memory": [3.24, 3.24, 4.04], // 1 × 1 × 730 × 0.004445, 0.004445, 0.00553
  "Fargate Spot, vCPU": [9.41, 8.94, 11.07], // 2 × 0.5 × 730 × 0.01288871, 0.01224056, 0.015168
  "Fargate Spot, memory": [2.07, 1.96, 2.42], // 2 × 1 × 730 × 0.00141527, 0.0013441, 0.001659
  "Container Insights": [15.61, 15.61, 15.61], // 26 + 53 + 3 × 48 = 223 metrics × 0.07
};

/** What a cluster costs with no pod of ours. */
const cluster: Lines = {
  "EKS control plane": [73, 73, 73], // 730 × 0.10
  "KMS key": [1, 1, 1], // 1 × 1.00
  "System node, c6g.large": [49.64, 53.29, 57.23], // 730 × 0.068, 0.073, 0.0784
  "System node, c6g.large, Auto Mode fee": [5.96, 6.39, 6.87], // 12 % of that
  "System node, volumes": [6.4, 7.04, 7.68], // 80 × 0.08, 0.088, 0.096
  "System node, Container Insights": [3.55, 3.55, 3.55], // 68 + 2 × (138 + 21) = 386 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** A machine on demand with room for two pods of 0.5 vCPU and 1 GB, by its memory: the cheapest with room for one. */
const onDemandNode: Lines = {
  "Nodes, c6a.large": [55.85, 59.92, none], // 1 × 730 × 0.0765, 0.08208
  "Nodes, c6a.large, Auto Mode fee": [6.7, 7.19, none], // 12 % of that
  "Nodes, c5a.large": [none, none, 64.24], // 1 × 730 × 0.088: a c6a.large is 0.0882 there
  "Nodes, c5a.large, Auto Mode fee": [none, none, 7.71], // 12 % of that
  "Nodes, volumes": [6.4, 7.04, 7.68], // 1 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [3.55, 3.55, 3.55], // 1 × 386 × 60 × 730 / 1,000,000 × 0.21
};

/** One pod: the base. */
const idlePods: Lines = {
  ...onDemandNode,
  "Container Insights, cluster and pods": [21.67, 21.67, 21.67], // 1720 + (3 + 1) × (138 + 21) = 2356 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** Three pods in two equal parts: two on demand, one on Spot. */
const expectedPods: Lines = {
  ...onDemandNode,
  "Spot nodes, c6a.large": [21.78, 27.26, none], // 1 × 730 × 0.0765, 0.08208, less 61, 54.5 %
  "Spot nodes, c6a.large, Auto Mode fee": [6.7, 7.19, none], // 12 % of that on demand
  "Spot nodes, c5a.large": [none, none, 27.62], // 1 × 730 × 0.088, less 57 %
  "Spot nodes, c5a.large, Auto Mode fee": [none, none, 7.71], // 12 % of that on demand
  "Spot nodes, volumes": [6.4, 7.04, 7.68], // 1 × 80 × 0.08, 0.088, 0.096
  "Spot nodes, Container Insights": [3.55, 3.55, 3.55], // 1 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [24.6, 24.6, 24.6], // 1720 + (3 + 3) × (138 + 21) = 2674 a minute: × 60 × 730 / 1,000,000 × 0.21
};

describeBills("dev", {
  "one task of 0.5 vCPU and 1 GB on ECS, with nobody calling": {
    target: "ecs",
    load: idle,
    lines: { ...shared, ...idleTasks },
    sums: [92.67, 96.83, 109.33],
  },
  "three tasks on ECS, of which two on Spot, with as many requests as they carry": {
    target: "ecs",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...expectedTasks },
    sums: [134.29, 138.27, 154.53],
  },
  "one pod on EKS, with nobody calling": {
    target: "eks",
    load: idle,
    lines: { ...shared, ...cluster, ...idlePods },
    sums: [299.27, 313.37, 331.93],
  },
  "three pods on EKS, of which one on Spot, with as many requests as they carry": {
    target: "eks",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...cluster, ...expectedPods },
    sums: [364.05, 385.15, 406.4],
  },
});
