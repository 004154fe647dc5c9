export { SurfaceView, type SurfaceViewProps } from "./SurfaceView.tsx";
