/** onnxruntime has one door: what modelling/ compares and times runs in the version that serves. */
export { InferenceSession, Tensor } from "onnxruntime-node";
