import { describeBills, type Lines } from "../../support/hand-worked";

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
  "Container Insights": [4.66, 4.66, 4.66], // 1 × 730 × 0.00638
};

const expectedTasks: Lines = {
  "Alarms of scaling": [0.2, 0.2, 0.2], // 1 policy × 2 × 0.10
  "Fargate, vCPU": [14.78, 14.78, 18.45], // 1 × 0.5 × 730 × 0.04048, 0.04048, 0.05056
  "Fargate, memory": [3.24, 3.24, 4.04], // 1 × 1 × 730 × 0.004445, 0.004445, 0.00553
  "Fargate Spot, vCPU": [9.41, 8.94, 11.07], // 2 × 0.5 × 730 × 0.01288871, 0.01224056, 0.015168
  "Fargate Spot, memory": [2.07, 1.96, 2.42], // 2 × 1 × 730 × 0.00141527, 0.0013441, 0.001659
  "Container Insights": [13.97, 13.97, 13.97], // 3 × 730 × 0.00638
};

/** What a cluster costs with no pod of ours. */
const cluster: Lines = {
  "EKS control plane": [73, 73, 73], // 730 × 0.10
  "KMS key": [1, 1, 1], // 1 × 1.00
  "System node, c7g.large": [52.93, 56.58, 60.81], // 730 × 0.0725, 0.0775, 0.0833
  "System node, c7g.large, Auto Mode fee": [6.35, 6.79, 7.3], // 12 % of that
  "System node, volumes": [6.4, 7.04, 7.68], // 80 × 0.08, 0.088, 0.096
  "System node, Container Insights": [3.55, 3.55, 3.55], // 68 + 2 × (138 + 21) = 386 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** One pod of 0.5 vCPU and 1 GB, on the cheapest machine with room for it. */
const idlePods: Lines = {
  "Nodes, c6i.large Spot": [24.2, 30.29, 30.76], // 1 × 730 × 0.085, 0.0912, 0.098, less 61, 54.5, 57 %
  "Nodes, c6i.large, Auto Mode fee": [7.45, 7.99, 8.58], // 12 % of that on demand
  "Nodes, volumes": [6.4, 7.04, 7.68], // 1 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [3.55, 3.55, 3.55], // 1 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [21.67, 21.67, 21.67], // 1720 + (3 + 1) × (138 + 21) = 2356 a minute: × 60 × 730 / 1,000,000 × 0.21
};

/** Three pods in two zones: a c6i.large has room for two, by its memory. */
const expectedPods: Lines = {
  "Nodes, c6i.large Spot": [48.4, 60.58, 61.52], // 2 × 730 × 0.085, 0.0912, 0.098, less 61, 54.5, 57 %
  "Nodes, c6i.large, Auto Mode fee": [14.89, 15.98, 17.17], // 12 % of that on demand
  "Nodes, volumes": [12.8, 14.08, 15.36], // 2 × 80 × 0.08, 0.088, 0.096
  "Nodes, Container Insights": [7.1, 7.1, 7.1], // 2 × 386 × 60 × 730 / 1,000,000 × 0.21
  "Container Insights, cluster and pods": [24.6, 24.6, 24.6], // 1720 + (3 + 3) × (138 + 21) = 2674 a minute: × 60 × 730 / 1,000,000 × 0.21
};

describeBills("dev", {
  "one task of 0.5 vCPU and 1 GB on ECS, with nobody calling": {
    target: "ecs",
    load: idle,
    lines: { ...shared, ...idleTasks },
    sums: [88.44, 92.6, 105.1],
  },
  "three tasks on ECS, of which two on Spot, with as many requests as they carry": {
    target: "ecs",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...expectedTasks },
    sums: [132.65, 136.63, 152.89],
  },
  "one pod on EKS, on Spot, with nobody calling": {
    target: "eks",
    load: idle,
    lines: { ...shared, ...cluster, ...idlePods },
    sums: [272.05, 288.22, 303.34],
  },
  "three pods on EKS, on Spot, with as many requests as they carry": {
    target: "eks",
    load: expected,
    lines: { ...shared, ...requests, ...logs, ...cluster, ...expectedPods },
    sums: [340, 363.83, 381.82],
  },
});
