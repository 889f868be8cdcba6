// Saves a chart as a slide: what it says on top, the chart, where it is from below.
//
// The chart is drawn by Plotly at a size of its own, whatever the window's is: its button is
// pressed, and the file that comes of it is caught and put on the slide. So nothing of the chart
// can lie on the words, and a picture looks the same from every window and in both themes.

const WIDTH = 1600
const HEIGHT = 900
const EDGE = 32
const ZOOM = 1.5 // of the chart's own letters, to be read from the back of a room
const TALL = 1200 // a chart that would be higher on the slide keeps the size of its letters
const STRETCH = 1.6 // and one of few rows does not become all bar
const GRID = "#E1E6EB"
const FONT = "Arial, Helvetica, sans-serif"
const SVG = "http://www.w3.org/2000/svg"
const PNG_SCALE = 2
const PATIENCE_MS = 30000

function wrapped(words, font, room) {
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = font
  const lines = [""]
  for (const word of words.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word
    if (lines.at(-1) && pen.measureText(longer).width > room) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

function paragraph({ words, size, weight, fill }, top) {
  if (!words) return { nodes: [], bottom: top }
  const lines = wrapped(words, `${weight} ${size}px ${FONT}`, WIDTH - 2 * EDGE)
  const nodes = lines.map((line, at) => {
    const node = document.createElementNS(SVG, "text")
    node.textContent = line
    node.setAttribute("x", EDGE)
    node.setAttribute("y", top + (at + 1) * size * 1.25 - size * 0.25)
    node.style.cssText = `font: ${weight} ${size}px ${FONT}; fill: ${fill}`
    return node
  })
  return { nodes, bottom: top + lines.length * size * 1.25 }
}

function headOf(data) {
  const nodes = []
  let bottom = EDGE - 8
  for (const one of [
    { words: data.title, size: 34, weight: "bold", fill: data.ink },
    { words: data.answer, size: 25, weight: "normal", fill: data.ink },
    { words: data.about, size: 20, weight: "normal", fill: data.light },
  ]) {
    const told = paragraph(one, bottom)
    nodes.push(...told.nodes)
    bottom = told.bottom + (told.nodes.length ? 6 : 0)
  }
  return { nodes, bottom: bottom + 10 }
}

function footOf(data) {
  const told = paragraph({ words: data.source, size: 18, weight: "normal", fill: data.light }, 10)
  return { nodes: told.nodes, height: told.bottom + 18 }
}

// Where the chart goes: as wide as the slide, as high as what is left or as it needs.
function placed(natural, above, below) {
  const zoom = natural * ZOOM > TALL ? 1 : ZOOM
  const left = (HEIGHT - above - below) / zoom
  const height = Math.max(natural, Math.min(left, natural * STRETCH))
  const spare = Math.max(left - height, 0) * zoom
  return { zoom, width: (WIDTH - 2 * EDGE) / zoom, height, spare, top: above + spare / 2 }
}

function onWhite(layout, data) {
  const told = JSON.parse(JSON.stringify(layout).replaceAll(data.dark, data.light))
  const axes = Object.entries(told).filter(([name]) => /^[xy]axis/.test(name))
  return {
    ...told,
    ...Object.fromEntries(axes.map(([name, axis]) => [name, { ...axis, gridcolor: GRID }])),
    paper_bgcolor: "#FFFFFF",
    plot_bgcolor: "#FFFFFF",
    font: { ...told.font, family: FONT },
  }
}

// What Plotly makes of the chart when its button is pressed: the text of an SVG.
function drawing(plot, layout, options) {
  return new Promise((resolve, reject) => {
    const caught = (event) => {
      const link = event.target
      if (link.tagName !== "A" || link.download !== `${options.filename}.svg`) return
      event.preventDefault()
      document.removeEventListener("click", caught, true)
      fetch(link.href).then((answer) => answer.text()).then(resolve, reject)
    }
    const late = () => {
      document.removeEventListener("click", caught, true)
      reject(new Error("the chart was not drawn"))
    }
    document.addEventListener("click", caught, true)
    setTimeout(late, PATIENCE_MS)
    press(plot, layout, { ...options, format: "svg", scale: 1 })
  })
}

function press(plot, layout, options) {
  const shown = plot.layout
  plot._context.toImageButtonOptions = options
  plot.layout = layout
  try { cameraOf(plot).click() } finally { plot.layout = shown }
}

// Where the browser may not read what it has made (a strict policy): the chart without words.
function bare(plot, data, format) {
  const size = { width: WIDTH, height: plot.layout.height ?? HEIGHT, scale: PNG_SCALE }
  press(plot, onWhite(plot.layout, data), { filename: data.name, format, ...size })
}

function cameraOf(plot) {
  return plot.querySelector(".modebar-btn[data-title^='Download']")
}

function slide(head, foot, chart, place) {
  const drawnTo = place.top + place.height * place.zoom + place.spare / 2
  const height = Math.round(drawnTo + foot.height)
  const root = document.createElementNS(SVG, "svg")
  const box = { width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` }
  for (const [name, value] of Object.entries(box)) root.setAttribute(name, value)
  const ground = document.createElementNS(SVG, "rect")
  for (const [name, value] of [["width", WIDTH], ["height", height]]) ground.setAttribute(name, value)
  ground.style.fill = "#FFFFFF"
  const inner = document.createElementNS(SVG, "g")
  inner.setAttribute("transform", `translate(${EDGE} ${place.top}) scale(${place.zoom})`)
  const drawn = new DOMParser().parseFromString(chart, "image/svg+xml").documentElement
  inner.append(...drawn.childNodes)
  const source = document.createElementNS(SVG, "g")
  source.setAttribute("transform", `translate(0 ${height - foot.height})`)
  source.append(...foot.nodes)
  root.append(ground, ...head.nodes, inner, source)
  return { text: new XMLSerializer().serializeToString(root), height }
}

async function raster({ text, height }) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement("canvas")
    const scale = height * PNG_SCALE > 16000 ? 1 : PNG_SCALE
    canvas.width = WIDTH * scale
    canvas.height = height * scale
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"))
  } finally {
    URL.revokeObjectURL(url)
  }
}

function handOver(blob, name) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement("a")
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), PATIENCE_MS)
}

async function save(plot, data, format) {
  const [head, foot] = [headOf(data), footOf(data)]
  const place = placed(plot.layout.height ?? plot._fullLayout.height, head.bottom, foot.height)
  const { width, height } = place
  const options = { filename: data.name, width, height }
  const chart = await drawing(plot, onWhite(plot.layout, data), options)
  const made = slide(head, foot, chart, place)
  const blob = format === "png" ? await raster(made) : new Blob([made.text], { type: "image/svg+xml" })
  handOver(blob, `${data.name}.${format}`)
}

export default function ({ parentElement, data }) {
  const frame = document.querySelector(`.${data.chart}`)
  const plotted = () => frame?.querySelector(".js-plotly-plot")
  const saved = (format) => {
    const plot = plotted()
    if (!plot || !cameraOf(plot)) return
    save(plot, data, format).catch(() => bare(plot, data, format))
  }
  // The chart's own button gives the same slide; a press by this script goes through to Plotly.
  const pressed = (event) => {
    if (!event.isTrusted || !event.target.closest?.(".modebar-btn")) return
    event.stopPropagation()
    saved("svg")
  }
  for (const button of parentElement.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${button.textContent}: save ${data.title} as a picture`)
    button.onclick = () => saved(button.dataset.format)
  }
  frame?.addEventListener("click", pressed, true)
  return () => frame?.removeEventListener("click", pressed, true)
}
