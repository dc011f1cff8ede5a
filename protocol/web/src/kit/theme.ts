/** The look of all pages: the few parts of Element Plus that they use, then our own tokens over them. */

/// <reference path="./styles.d.ts" />

import "element-plus/es/components/base/style/css";
import "element-plus/es/components/button/style/css";
import "element-plus/es/components/dialog/style/css";
import "element-plus/es/components/input/style/css";
import "element-plus/es/components/overlay/style/css";
import "element-plus/es/components/progress/style/css";
import "./theme.css";
