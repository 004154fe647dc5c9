/** The surface, whose code is loaded when it is shown for the first time. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ColorBy } from "../canvas/index.ts";
import type { Recording } from "../run/index.ts";
import type { SurfaceViewProps } from "../surface/index.ts";
import { playback, showFrame } from "./playbackState.ts";
import { usePalette } from "./usePalette.ts";

interface SurfaceRoomProps {
  readonly recording: Recording;
  readonly frame: number;
  readonly colorBy: ColorBy;
}

export function SurfaceRoom({ recording, frame, colorBy }: SurfaceRoomProps) {
  // A component is a function, which a state would call: so it stands in an object.
  const [loaded, setLoaded] = useState<{ readonly View: ComponentType<SurfaceViewProps> }>();
  const [problem, setProblem] = useState<string>();
  const palette = usePalette();
  useEffect(() => {
    import("../surface/index.ts").then(
      ({ SurfaceView }) => setLoaded({ View: SurfaceView }),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, []);
  if (!loaded)
    return <p class="empty">{problem ? `Cannot load the surface: ${problem}` : "Loading the surface."}</p>;
  return (
    <loaded.View
      recording={recording}
      frame={frame}
      palette={palette}
      colorBy={colorBy}
      isPlaying={playback.value.isPlaying}
      onSeek={showFrame}
    />
  );
}
