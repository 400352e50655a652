import { useRef, useState } from "preact/hooks";
import { formatCsv } from "../base/csv";
import { datedName, download } from "../base/download";
import { rasterize } from "../base/raster";
import { type Drawn, exportSvg } from "../chart/export";
import { Menu } from "../widgets/Menu";
import { documentOf, type Exported, tableOf } from "./exportTable";

const FORMATS = [
  ["png", "PNG picture"],
  ["svg", "SVG picture"],
  ["csv", "CSV table"],
  ["json", "JSON document"],
] as const;
type Format = (typeof FORMATS)[number][0];

const PNG_SCALE = 2;

interface ExportMenuProps {
  /** Collects what the page shows at the moment. */
  readonly what: () => Exported;
}

/** The menu that saves the charts of its page, or their numbers. */
export function ExportMenu({ what }: ExportMenuProps) {
  const root = useRef<HTMLDivElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const save = async (format: Format) => {
    try {
      const exported = what();
      const content = await contentOf(format, exported, drawnIn(root.current!.closest("main")!));
      download(datedName(exported.view, format), content);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  };
  return (
    <div ref={root}>
      <Menu label={hasFailed ? "Export failed" : "Export"} testId="export" items={FORMATS} onChoose={save} />
    </div>
  );
}

async function contentOf(format: Format, exported: Exported, charts: readonly Drawn[]): Promise<Blob> {
  const { view, title, legend, facts, blocks } = exported;
  const svg = () => exportSvg(charts, title, legend);
  switch (format) {
    case "png":
      return rasterize(svg(), PNG_SCALE);
    case "svg":
      return new Blob([svg()], { type: "image/svg+xml" });
    case "csv":
      return new Blob([formatCsv(tableOf(blocks))], { type: "text/csv" });
    case "json": {
      const content = { view, exported: new Date().toISOString(), ...facts, data: documentOf(blocks) };
      return new Blob([JSON.stringify(content)], { type: "application/json" });
    }
  }
}

/** The charts of the page; small multiples only where they are in sight or near it. */
function drawnIn(page: HTMLElement): Drawn[] {
  return [...page.querySelectorAll<SVGSVGElement>("svg[role=img]")].map((svg) => ({
    svg,
    caption: svg.closest("figure")?.querySelector(".run-name")?.textContent ?? "",
  }));
}
