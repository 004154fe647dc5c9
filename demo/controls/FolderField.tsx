/**
 * The choice of a folder: the browser's own picker, which reads files as they are needed, else a field that lists them all. And
 * the choice of a GGUF file.
 */
import { useRef } from "preact/hooks";
import { filesModel, folderModel } from "../engine/droppedModel.ts";
import { filesOf } from "../engine/modelChoice.ts";
import { openDropped } from "./openDropped.ts";

type Picker = () => Promise<FileSystemDirectoryHandle>;
const picker = (globalThis as { readonly showDirectoryPicker?: Picker }).showDirectoryPicker;

export function FolderField() {
  const input = useRef<HTMLInputElement>(null);
  const gguf = useRef<HTMLInputElement>(null);
  const choose = async () => {
    if (!picker) {
      input.current?.click();
      return;
    }
    try {
      openDropped({ model: folderModel(await picker.call(globalThis)) });
    } catch (error) {
      // A person who closes the picker has chosen nothing.
      if ((error as { name?: string }).name !== "AbortError") throw error;
    }
  };
  return (
    <div class="field wide">
      <button type="button" onClick={() => void choose()}>
        Choose a folder…
      </button>
      <button type="button" onClick={() => gguf.current?.click()}>
        Choose a GGUF file…
      </button>
      <p class="help">
        A folder with a Hugging Face model, or a GGUF file. Or drop it on this page. It stays on this
        computer.
      </p>
      <input
        ref={gguf}
        class="hidden-input"
        type="file"
        tabIndex={-1}
        aria-label="GGUF file"
        accept=".gguf"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) openDropped(filesModel(file.name, { [file.name]: file }));
          currentTarget.value = "";
        }}
      />
      <input
        ref={input}
        class="hidden-input"
        type="file"
        tabIndex={-1}
        aria-label="Folder with a Hugging Face model"
        multiple
        // The attribute is not standard, and every browser has it.
        {...{ webkitdirectory: true }}
        onChange={({ currentTarget }) => {
          const files = Array.from(currentTarget.files ?? []);
          const name = files[0]?.webkitRelativePath.split("/")[0] ?? "folder";
          if (files.length > 0) openDropped(filesModel(name, filesOf(files)));
          currentTarget.value = "";
        }}
      />
    </div>
  );
}
