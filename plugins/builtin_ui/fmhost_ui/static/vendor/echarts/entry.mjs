// What of ECharts is bundled: see README.md beside this file.
import { init, use, graphic } from "echarts/core";
import { BarChart, CustomChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent, AxisPointerComponent, GridComponent, LegendPlainComponent, MarkAreaComponent,
  MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([
  BarChart, CustomChart, HeatmapChart, LineChart, AriaComponent, AxisPointerComponent,
  GridComponent, LegendPlainComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent,
  VisualMapComponent, CanvasRenderer, SVGRenderer,
]);

export { init, graphic };
