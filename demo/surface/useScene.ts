/** The scene of a view, from its device's beginning to its end. */
import { useEffect, useState } from "preact/hooks";
import { openDevice } from "./openDevice.ts";
import { SurfaceScene } from "./scene.ts";

/** A device that is lost again and again is not opened for ever. */
const maxOpenings = 3;

/** A scene on the elements while they are shown; after a device loss another one. */
export function useScene(
  canvas: { readonly current: HTMLCanvasElement | null },
  labels: { readonly current: HTMLElement | null },
): { readonly scene: SurfaceScene | undefined; readonly problem: string | undefined } {
  const [scene, setScene] = useState<SurfaceScene>();
  const [problem, setProblem] = useState<string>();
  const [openings, setOpenings] = useState(0);
  useEffect(() => {
    let isHidden = false;
    let device: GPUDevice | undefined;
    let opened: SurfaceScene | undefined;
    const open = async () => {
      const own = await openDevice();
      if (isHidden || !canvas.current || !labels.current) {
        own.destroy();
        return;
      }
      device = own;
      opened = new SurfaceScene(own, canvas.current, labels.current);
      setScene(opened);
      const { message } = await own.lost;
      if (isHidden) return;
      if (openings + 1 < maxOpenings) setOpenings(openings + 1);
      else setProblem(`the graphics device was lost (${message.replace(/\.$/, "")})`);
    };
    open().catch((error: unknown) => {
      if (!isHidden) setProblem(error instanceof Error ? error.message : String(error));
    });
    return () => {
      isHidden = true;
      setScene(undefined);
      opened?.dispose();
      device?.destroy();
    };
  }, [openings]);
  return { scene, problem };
}
