import * as Dialog from '@radix-ui/react-dialog'
import * as Menu from '@radix-ui/react-dropdown-menu'
import { Slot } from '@radix-ui/react-slot'
import * as Tabs from '@radix-ui/react-tabs'
import { click, render, until } from '../render'

export default async () => {
  const root = await render(
    <>
      <Dialog.Root>
        <Dialog.Trigger id="open">open</Dialog.Trigger>
        <Dialog.Portal>
          <Dialog.Overlay />
          <Dialog.Content>
            <Dialog.Title>title</Dialog.Title>
            <Dialog.Description>description</Dialog.Description>
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      <Tabs.Root defaultValue="a">
        <Tabs.List>
          <Tabs.Trigger value="a">A</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="a">content</Tabs.Content>
      </Tabs.Root>
      <Menu.Root>
        <Menu.Trigger>menu</Menu.Trigger>
      </Menu.Root>
      <Slot id="slot">
        <a>link</a>
      </Slot>
    </>,
  )
  await click(root, '#open', 'openAcontentmenulink')
  await until(() => document.querySelector('[role=dialog]'))
  return [document.querySelector('[role=dialog]')?.textContent, root.querySelector('a')?.id]
}
