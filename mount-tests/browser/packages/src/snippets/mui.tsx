import { Box, Button, createTheme, TextField, ThemeProvider } from '@mui/material'
import Typography from '@mui/material/Typography'
import { styled, useTheme } from '@mui/material/styles'
import { css, Global } from '@emotion/react'
import emotion from '@emotion/styled'
import { render, until } from '../render'

const ByMui = styled('i')(({ theme }) => ({ color: theme.palette.primary.main }))
// The theme of one package's context is seen by the other package.
const ByEmotion = emotion.b`
  color: ${({ theme }) => (theme as ReturnType<typeof useTheme>).palette.secondary.main};
`

function Primary() {
  return <u>{useTheme().palette.primary.main}</u>
}

export default async () => {
  const theme = createTheme({ palette: { primary: { main: '#123456' }, secondary: { main: '#654321' } } })
  const root = await render(
    <ThemeProvider theme={theme}>
      <Global styles={css({ body: { margin: 1 } })} />
      <Button variant="contained">button</Button>
      <TextField label="label" />
      <Typography>text</Typography>
      <ByMui>mui</ByMui>
      <ByEmotion>emotion</ByEmotion>
      <Primary />
      <Box component="s" sx={{ p: 2 }}>
        box
      </Box>
    </ThemeProvider>,
  )
  const style = (selector: string) => getComputedStyle(root.querySelector(selector)!)
  // The button's colour has a transition.
  await until(() => style('button').backgroundColor === 'rgb(18, 52, 86)')
  return [
    root.textContent,
    [style('i').color, style('b').color, style('s').paddingLeft],
    style('.MuiTypography-root').margin,
    getComputedStyle(document.body).margin,
  ]
}
