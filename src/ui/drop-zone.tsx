import { useEffect, useState } from 'react';
import { droppedFiles } from './dropped-files';
import { useActions } from './store-context';
import { takeFiles } from './take-files';

/** Takes files dropped anywhere on the page and says, while they hover, what it can take. */
export function DropZone() {
  const actions = useActions();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onDragOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      void droppedFiles(event.dataTransfer).then(({ files, folder }) => takeFiles(files, folder, actions));
    };
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('dragleave', onDragLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('dragleave', onDragLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [actions]);
  if (!over) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <div>
        <b>Drop it anywhere</b>
        <p>A model folder or GGUF · a PEFT adapter folder · pairs or questions as JSONL, YAML or CSV · a direction · a Vane file</p>
        <p className="dim">It is read in this tab and sent nowhere.</p>
      </div>
    </div>
  );
}
